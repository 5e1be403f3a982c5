import ArgumentParser
import Terminal

/// Reads a gateway's store, whether its daemon runs or not.
struct Thrum: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "thrum",
    abstract: "Look into a vibration-monitoring gateway.",
    discussion: """
      Reading needs no daemon: everything is looked up in the store, also after thrumd was killed. What changes something \
      (ack, shelve, label, …) asks the daemon, and says so when it does not run.

      EXAMPLES
        thrum status                     is it working, what is in alarm
        thrum alarms                     what stands, since when
        thrum explain pump-7#1           why, with the envelope spectrum
        thrum ack pump-7#1               seen, somebody takes care of it
        thrum shelve pump-7#1 --for 8h   not now; it comes back by itself
        thrum doctor                     what is wrong here, and what to do
        thrum page                       the page for a browser
        thrum bundle -o gateway.tar      for a helper from afar, without secrets
        thrum backup -o copy.db          the whole store in one file
        thrum features x.f32 --rate 12000 --unit g
        thrum spectrum x.wav --unit g --kind velocity --html x.html
        thrum evaluate --manifest manifest.csv
        thrum model learn healthy.f32 --rate 12000 --unit g -o pump.model
        thrum models                     what came from elsewhere, and how far it got
        thrum decode body.bin --payload i24be --unit g --rate 25600
        thrum bearings "SKF 6205" --rpm 1797
        thrum simulate --fault outer -o outer.wav
      """,
    version: "thrum \(version)",
    // THE LIST
    subcommands: [
      Status.self, Watch.self, Points.self, Show.self, Alarms.self, Events.self, Explain.self, Review.self, Ack.self,
      ShelveAlarm.self, UnshelveAlarm.self, LabelSubject.self, OutOfService.self, InService.self, Maintenance.self,
      LearnPoint.self, KeepEvidence.self, Audit.self, Page.self, Login.self, Check.self, Doctor.self, Features.self,
      Spectrum.self,
      Evaluate.self,
      ModelCommand.self, Models.self,
      Decode.self, Simulate.self, Bearings.self, Config.self, Bundle.self, Export.self, Backup.self, Restore.self, Reset.self,
    ])
}

@main
enum Main {
  static func main() { Program.main(Thrum.self) }
}
