"""Networks, objective, loop and ONNX export; the only home of torch."""
