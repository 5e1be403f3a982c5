import Contracts

/// As every listing verb prints it.
func jsonText(_ value: some Encodable) -> String { JSON.text(value) }
