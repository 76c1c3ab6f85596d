import sys

from aeghash.sandbox.commandline import main

if __name__ == "__main__":
    sys.exit(main())
