"""The models' side of Portico: building what Triton serves, checking it, and starting the server itself.

Nothing here judges a patient's message; that happens in `model_repository/`, inside Triton. The two share no
code: what holds them together is data (tensor names, label order, manifests), kept by `tests/contract`.
"""
