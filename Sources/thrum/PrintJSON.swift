import Contracts

/// One line of JSON on standard output.
func printJSON(_ value: some Encodable) { print(JSON.text(value)) }
