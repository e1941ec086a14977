@_exported public import TTLStoreTesting
