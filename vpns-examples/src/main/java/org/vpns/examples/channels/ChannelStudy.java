package org.vpns.examples.channels;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.examples.Digits;
import org.vpns.examples.Names;
import org.vpns.examples.StudyProgram;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.examples.compare.ComparisonTasks;
import org.vpns.examples.compare.TaskFiles;
import org.vpns.examples.data.OpticalDigits;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.study.Study;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The paper's figure on channels (section 4.3) on the quick start's network and digits: Slim,
 * DepGraph, HYDRA and VPNs with 10 to 50 % of the channels removed.
 */
@Command(
    name = "ChannelStudy",
    description = "Compares methods that remove channels: accuracy, multiply-adds, latency, cost.")
public final class ChannelStudy extends StudyProgram<ChannelOutcome> {
  /** Seeds draw training and test images anew. */
  private static final double TEST_PER_TRAINING =
      (double) (OpticalDigits.SIZE - OpticalDigits.TRAIN) / OpticalDigits.TRAIN;

  @Option(
      names = "--shares",
      split = ",",
      paramLabel = "SHARE",
      description = "Shares of the channels that leave (default: ${DEFAULT-VALUE}).",
      defaultValue = "0.1,0.2,0.3,0.4,0.5")
  private List<Sparsity> shares = List.of();

  @Option(
      names = "--steps",
      paramLabel = "T",
      description =
          "Gradient steps before the channels leave, and after (default: ${DEFAULT-VALUE}).",
      defaultValue = "150")
  private long steps;

  /** Reads no option yet. */
  public ChannelStudy() {
    super("out/channel-study", 3);
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new ChannelStudy().execute(args);
  }

  @Override
  public Integer call() throws IOException {
    return exitCode(run(study().in(out()).reporting(this::write)));
  }

  @Override
  protected Study<ChannelOutcome> study() throws IOException {
    if (steps < 1) {
      throw wrong(
          Problem.message("nothing to train", "--steps", "at least 1", steps, "150 is usual"));
    }
    ComparisonTask task = ComparisonTasks.open("digits", new TaskFiles(null, null));
    ChannelArms arms = new ChannelArms(task, steps);
    List<Study.Arm<ChannelOutcome>> compared = new ArrayList<>();
    for (String name : ChannelArms.names()) {
      compared.add((share, seed) -> arms.run(name, share, seed));
    }
    return Study.of(compared)
        .sparsities(using(() -> Names.listed("--shares", shares)))
        .seeds(seeds())
        .on(Digits.all());
  }

  private void write(Study.Results<ChannelOutcome> results) throws IOException {
    List<ChannelOutcome> outcomes = results.results();
    String table =
        new ChannelTable(outcomes, ChannelArms.HYDRA, "channels", TEST_PER_TRAINING).toMarkdown();
    String rows =
        outcomes.stream()
            .map(outcome -> outcome.line() + "\n")
            .collect(Collectors.joining("", ChannelOutcome.HEADINGS + "\n", ""));
    AtomicFiles.writeText(out().resolve("channel-study.csv"), rows);
    AtomicFiles.writeText(out().resolve("channel-study.md"), table);
    say(table);
  }
}
