"""The data checks, one file each."""
