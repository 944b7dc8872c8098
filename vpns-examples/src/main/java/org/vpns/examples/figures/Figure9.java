package org.vpns.examples.figures;

import java.util.List;
import java.util.stream.Stream;
import org.vpns.Sparsity;
import org.vpns.examples.channels.ChannelArms;
import org.vpns.examples.compare.ArmTable;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.report.PruneReport;
import org.vpns.study.Hypothesis;
import org.vpns.study.StudyRun;
import picocli.CommandLine.Command;

/** Figure 9: methods that remove channels; a sparsity is the share of channels that leaves. */
@Command(
    name = "Figure9",
    description = "Figure 9: methods that remove channels, at shares of channels as sparsities.")
public final class Figure9 extends FigureProgram {
  private static final List<Sparsity> SHARES =
      Stream.of("0.1", "0.3", "0.5").map(Sparsity::of).toList();
  private static final String DENSE = "Dense";

  /** Reads no option yet. */
  public Figure9() {
    super("figure-9", "Figure 9: channels", SHARES);
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new Figure9().execute(args);
  }

  @Override
  Setting within(Setting all) {
    return all.with(SHARES);
  }

  @Override
  List<String> methods(ComparisonTask task) {
    return Stream.concat(Stream.of(DENSE), ChannelArms.names().stream()).toList();
  }

  @Override
  StudyRun<PruneReport> arm(
      Setting setting, ArmTable arms, String name, Sparsity share, long seed) {
    return name.equals(DENSE)
        ? arms.run(name, share, seed)
        : new ChannelArms(setting.task(), setting.steps()).reported(name, share, seed);
  }

  @Override
  String baseline() {
    return ChannelArms.HYDRA;
  }

  @Override
  List<Hypothesis> claims(ComparisonTask task, List<String> shares) {
    Hypothesis best = Hypothesis.of("VPNs is above Slim and DepGraph");
    Hypothesis whole = Hypothesis.of("VPNs loses less than a point on the dense network");
    for (String share : shares) {
      best = best.above(ChannelArms.VPNS, ChannelArms.SLIM, share);
      best = best.above(ChannelArms.VPNS, ChannelArms.DEP_GRAPH, share);
      whole = whole.gainsLessThanAt(1, DENSE, "0", ChannelArms.VPNS, share);
    }
    return List.of(best, whole);
  }

  @Override
  List<String> remarks() {
    return List.of(
        "Kept weights and multiply-adds are those of the smaller network; milliseconds and bytes"
            + " are in ChannelStudy, which times both networks in turn.");
  }
}
