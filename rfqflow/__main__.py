"""`python -m rfqflow` is the `rfqflow` command."""

from rfqflow.cli import main

if __name__ == "__main__":
    main()
