"""Turns recipes into pictures with ONNX Runtime; the only home of onnxruntime."""
