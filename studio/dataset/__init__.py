"""From a folder of pictures to a training array; the folder is only read."""
