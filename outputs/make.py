"""Make the gallery: python outputs/make.py [FOLDER]. Every file is a real run of the command line."""

import subprocess
import sys
from pathlib import Path

SEED = "conv2d --input 3x3 --kernel 2x2"
POOL = "max_pool2d --input 3x3 --kernel 2x2 --stride 1"
RUNS = {
    "conv-3x3-2x2.en.md": SEED,
    "conv-3x3-2x2.zh.md": SEED + " --lang zh",
    "conv-3x3-2x2.txt": SEED,
    "conv-3x3-2x2.json": SEED,
    "conv-3x3-2x2.en.html": SEED,
    "conv-3x3-2x2.zh.html": SEED + " --lang zh",
    "conv-3x3-2x2.en.typ": SEED + " --standalone",
    "notes.en.tex": SEED + " --style notes --standalone",
    "notes.zh.tex": SEED + " --style notes --standalone --lang zh",
    "max-pool-3x3-2x2.en.md": POOL,
    "max-pool-3x3-2x2.zh.md": POOL + " --lang zh",
    "conv-5x5-3x3-stride2-padding1.en.tex": "conv2d --input 5x5 --kernel 3x3 --stride 2 --padding 1 --standalone",
    "conv-symbolic.en.md": "conv2d --input HxV --kernel KxK --stride 2 --padding P",
    "conv-channels.zh.md": "conv2d --input 4x4 --kernel 2x2 --channels 2 --filters 3 --batch 2 --lang zh",
    "pictures.en.md": SEED + " --show pictures",
    "pictures.zh.md": SEED + " --show pictures --lang zh",
    "pictures.en.tex": "conv2d --input 5x5 --kernel 3x3 --stride 2 --padding 1 --show pictures --standalone",
    "pictures.zh.txt": SEED + " --show pictures --lang zh",
    "pictures-large.en.md": "conv2d --input 224x224 --kernel 3x3 --padding 1 --entry 100,100 --show pictures",
    "pictures-pool.en.md": POOL + " --show pictures",
    "matrix-product.en.md": None,
}
PICTURES = {"conv-3x3-2x2.en.png": SEED + " --show result,elements --wrt I"}
"""Their bytes hang on the version of Typst, so no test compares them."""
OWN = ["--formula", "O[i,j] = sum(k=1..4, I[i,k]*W[k,j])", "--shape", "I=3x4", "--shape", "W=4x2"]


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    for name, options in {**RUNS, **PICTURES}.items():
        arguments = OWN if options is None else options.split()
        subprocess.run([sys.executable, "-m", "symderiv", "derive", *arguments, "-o", str(folder / name)], check=True)


if __name__ == "__main__":
    main()
