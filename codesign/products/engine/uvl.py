"""UVL, the Universal Variability Language: ``read`` a file into a model, ``write`` a model as a file.

What is read and what is refused: docs/use/product-formats.md.
"""

from codesign.products.engine.uvl_reading import read, read_with_notes
from codesign.products.engine.uvl_writing import write

__all__ = ["read", "read_with_notes", "write"]
