"""The conditions a rule may name: every module here that ends with `plugin` is one."""
