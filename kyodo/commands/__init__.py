"""Commands of ``python -m kyodo`` by topic; ``kyodo.__main__`` puts them together."""
