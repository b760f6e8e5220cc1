// Quick exit: the page disappears at once and leaves no entry to go back to. Without this script the link is a link.
"use strict";
for (const link of document.querySelectorAll("a[data-exit]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    window.dispatchEvent(new Event("quick-exit"));
    document.title = " ";
    document.body.hidden = true;
    window.location.replace(link.href);
  });
}
