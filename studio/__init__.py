"""Latent Studio: explore, steer and train picture generators on the artist's own machine."""

import os

# onnxruntime >= 1.29 sends telemetry unless this stands before its first import (DESIGN §11);
# every child process inherits it from here.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = "0.1.0"
