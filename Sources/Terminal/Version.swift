/// The version of everything in this package.
package let version = "0.1.0"
