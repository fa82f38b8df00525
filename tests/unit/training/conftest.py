"""One thread: tests share the machine, and equal sums need equal threads."""

import torch

torch.set_num_threads(1)
