package org.vpns.examples.speed;

import ai.djl.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.vpns.examples.CifarProgram;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.latency.Latency;
import org.vpns.latency.NetworkRuntime;
import org.vpns.onnx.OnnxRuntime;
import org.vpns.predict.PrunedModel;
import org.vpns.runtime.SparseRuntime;
import org.vpns.study.Study;
import org.vpns.study.StudyTask;

/**
 * Milliseconds of one image, with one thread.
 *
 * @param whole of the whole network in ONNX Runtime
 * @param onnx of the smaller one there
 * @param sparse of that in the sparse runtime
 */
record SpeedTimes(double whole, double onnx, double sparse) {
  /** Some hundred networks that take a millisecond each in turn: half a minute. */
  private static final int ROUNDS = 100;

  /**
   * A runtime for each network: as sessions of all are timed in turn, they can be compared.
   *
   * @param runtimes by network, which may be there twice, as two values
   */
  private record Each(Map<NetworkValues, NetworkRuntime> runtimes) implements NetworkRuntime {
    @Override
    public Session open(NetworkValues network, int batch) {
      return Objects.requireNonNull(runtimes.get(network)).open(network, batch);
    }

    @Override
    public String describe() {
      return "several runtimes";
    }
  }

  /**
   * Times what has become of a network, all of it in turn.
   *
   * @param network that was made smaller
   * @param models result folder of each run
   */
  static Map<SpeedOutcome, SpeedTimes> of(
      StudyTask network,
      Map<Study.Cell<SpeedOutcome>, SpeedOutcome> runs,
      Function<Study.Cell<SpeedOutcome>, Path> models)
      throws IOException {
    List<PrunedModel> smaller = new ArrayList<>();
    try (Model whole = network.network()) {
      for (Study.Cell<SpeedOutcome> run : runs.keySet()) {
        smaller.add(PrunedModel.load(models.apply(run)));
      }
      Iterator<SpeedTimes> times = of(whole, smaller).iterator();
      Map<SpeedOutcome, SpeedTimes> timed = new LinkedHashMap<>();
      runs.values().forEach(outcome -> timed.put(outcome, times.next()));
      return timed;
    } finally {
      smaller.forEach(PrunedModel::close);
    }
  }

  private static List<SpeedTimes> of(Model whole, List<PrunedModel> smaller) {
    Map<NetworkValues, NetworkRuntime> runtimes = new HashMap<>();
    List<NetworkValues> all = new ArrayList<>(List.of(network(whole)));
    runtimes.put(all.get(0), OnnxRuntime.standard());
    for (PrunedModel pruned : smaller) {
      for (NetworkRuntime runtime : List.of(OnnxRuntime.standard(), SparseRuntime.standard())) {
        NetworkValues own = network(pruned.model());
        runtimes.put(own, runtime);
        all.add(own);
      }
    }
    double[] times = Latency.of(new Each(runtimes)).rounds(ROUNDS).milliseconds(all);
    List<SpeedTimes> result = new ArrayList<>();
    for (int i = 1; i < times.length; i += 2) {
      result.add(new SpeedTimes(times[0], times[i], times[i + 1]));
    }
    return result;
  }

  private static NetworkValues network(Model model) {
    return BlockTracer.network(model.getBlock(), CifarProgram.IMAGE);
  }

  /** How often the smaller network runs in ONNX Runtime while the whole one runs there once. */
  double onnxGain() {
    return whole / onnx;
  }

  /** How often it runs in the sparse runtime meanwhile. */
  double sparseGain() {
    return whole / sparse;
  }

  /** Comma-separated values. */
  String line() {
    return String.format(Locale.ROOT, "%.4f,%.4f,%.4f", whole, onnx, sparse);
  }
}
