"""The `portico` command: the composition root above all services, and the one-command demo.

onnxruntime sends telemetry to its maker unless told not to before it is imported, from native code that no hook of
Python sees; this package is imported before every other (tests/integration/test_offline.py).
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
