package org.vpns.examples.speed;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.vpns.graph.NetworkValues;
import org.vpns.latency.Latency;
import org.vpns.latency.NetworkRuntime;
import org.vpns.onnx.OnnxRuntime;
import org.vpns.runtime.SparseRuntime;

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
   * Times all networks in turn.
   *
   * @param whole the network that the others were
   * @param smaller each twice
   */
  static List<SpeedTimes> of(NetworkValues whole, List<List<NetworkValues>> smaller) {
    Map<NetworkValues, NetworkRuntime> runtimes = new HashMap<>();
    List<NetworkValues> all = new ArrayList<>(List.of(whole));
    runtimes.put(whole, OnnxRuntime.standard());
    for (List<NetworkValues> twice : smaller) {
      runtimes.put(twice.get(0), OnnxRuntime.standard());
      runtimes.put(twice.get(1), SparseRuntime.standard());
      all.addAll(twice);
    }
    double[] times = Latency.of(new Each(runtimes)).rounds(ROUNDS).milliseconds(all);
    List<SpeedTimes> result = new ArrayList<>();
    for (int i = 1; i < times.length; i += 2) {
      result.add(new SpeedTimes(times[0], times[i], times[i + 1]));
    }
    return result;
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
