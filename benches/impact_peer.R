# The peer's loops, as people write them. Prints "name value": CPU seconds an item. Needs lme4, lmerTest, pbkrtest.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest)})
cpu <- function(work, times) { t <- proc.time(); for (i in seq_len(times)) work(i); sum((proc.time() - t)[c(1, 2)]) / times }
options(warn = -1)

trial <- function(i) {
  site <- rep(1:4, each = 63)
  arm <- unlist(lapply(1:4, function(s) unlist(replicate(16, sample(c(0, 0, 1, 1)), simplify = FALSE))[1:63]))
  who <- ave(arm, site, FUN = function(a) (cumsum(a) - 1) %% 5) + 5 * (site - 1) + 1
  u <- rnorm(20, 0, sqrt(.05))
  x <- rnorm(252)
  y <- .6 * x + .8 * rnorm(252) + arm * u[who]
  d <- data.frame(y, x, arm, site = factor(site), cluster = factor(ifelse(arm == 1, paste0("p", who), paste0("f", 1:252))))
  d[runif(252) >= .25, ]
}
nested <- function(i) summary(lmerTest::lmer(y ~ arm + x + site + (0 + arm | cluster), data = trial(i)))
cat("nested", cpu(nested, 40), "\n")
cat("ancova", cpu(function(i) summary(lm(y ~ arm + x + site, data = trial(i))), 400), "\n")
d <- trial(1)
cat("kenward_roger", cpu(function(i) {
  m <- lmerTest::lmer(y ~ arm + x + site + (0 + arm | cluster), data = d)
  vcovAdj(m); get_Lb_ddf(m, c(0, 1, 0, 0, 0, 0))
}, 20), "\n")
cat("reallocation", 10000 * cpu(function(i) {
  d$arm <- ave(d$y, d$site, FUN = function(v) unlist(replicate(ceiling(length(v) / 4), sample(c(0, 0, 1, 1)), simplify = FALSE))[seq_along(v)])
  coef(summary(lm(y ~ arm + x + site, data = d)))["arm", "t value"]
}, 400), "\n")
