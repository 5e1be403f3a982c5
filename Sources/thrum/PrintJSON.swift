import Contracts

/// One line of JSON on standard output.
func printJSON(_ value: some Encodable) throws { print(String(decoding: try JSON.encode(value), as: UTF8.self)) }
