"""No kinds of jobs beside the product's: the processes of these tests run its own."""
