import Testing

@testable import Plots

@Suite("Progress bar")
struct ProgressBarTests {
  @Test(
    "it looks like this",
    arguments: [
      (0, "               0 %"), (0.5, "██████         50 %"), (0.55, "██████▌        55 %"), (0.999, "███████████▉   99 %"),
      (1, "████████████  100 %"), (7, "████████████  100 %"), (-1, "               0 %"), (.nan, "               0 %"),
    ])
  func pictures(fraction: Double, text: String) {
    #expect(ProgressBar(fraction: fraction).rendered(columns: 18).split(separator: " ") == text.split(separator: " "))
    #expect(ProgressBar(fraction: fraction).rendered(columns: 18).count == 18)
  }
}
