"""The report's chapters, one file each: from material to sections of the document model."""
