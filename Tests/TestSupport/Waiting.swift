import Glibc

/// Asks again every few milliseconds until `condition` holds or the time is over; returns whether it held.
@discardableResult
package func eventually(within seconds: Double = 10, _ condition: () throws -> Bool) rethrows -> Bool {
  let clock = ContinuousClock()
  let deadline = clock.now + .seconds(seconds)
  while try !condition() {
    if clock.now >= deadline { return false }
    usleep(3000)
  }
  return true
}

package struct TestSupportError: Error, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}
