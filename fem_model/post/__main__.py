"""`python -m fem_model.post RUN_DIR`: draw the figures of a run."""

import sys

from fem_model.base.errors import FemModelError
from fem_model.base.output import lenient_output


def main(arguments: list[str]) -> int:
    """Draw the figures of one run folder and print their paths; the exit code."""
    if len(arguments) != 1:
        print("usage: python -m fem_model.post RUN_DIR", file=sys.stderr)
        return 2
    from fem_model.post.figures import draw_figures

    with lenient_output():
        try:
            for path in draw_figures(arguments[0]):
                print(path)
        except FemModelError as error:
            print(f"error: {error}", file=sys.stderr)
            return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
