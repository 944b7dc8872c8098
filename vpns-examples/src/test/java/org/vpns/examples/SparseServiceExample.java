package org.vpns.examples;

import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.time.Duration;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.latency.Latency;
import org.vpns.onnx.OnnxRuntime;
import org.vpns.predict.Inference;
import org.vpns.predict.PrunedModel;
import org.vpns.runtime.SparseModel;
import org.vpns.runtime.SparseRuntime;

/** Code of the guide "serve a sparse network". */
final class SparseServiceExample {
  private SparseServiceExample() {}

  static Classifications predict(Path folder, Image image) throws Exception {
    // README: predict
    try (PrunedModel pruned = PrunedModel.load(folder);
        Predictor<Image, Classifications> predictor = pruned.newPredictor(Inference.SPARSE)) {
      return predictor.predict(image);
    }
    // README: end
  }

  static Classifications serve(Path folder, Image image) throws Exception {
    // README: run
    SparseRuntime runtime = SparseRuntime.standard().threads(2).warmUp(Duration.ofSeconds(2));
    try (SparseModel model = runtime.load(folder);
        Predictor<Image, Classifications> predictor = model.newPredictor()) {
      System.out.println(model.network().describe());
      return predictor.predict(image);
    }
    // README: end
  }

  static Path prepare(Path folder) throws Exception {
    // README: prepare
    return SparseRuntime.standard().savePrepared(folder); // folder/prepared-8.sparse
    // README: end
  }

  static double[] time(PrunedModel pruned) {
    // README: time
    NetworkValues network = BlockTracer.network(pruned.model().getBlock(), new Shape(1, 32, 32));
    double sparse = Latency.of(SparseRuntime.standard()).rounds(9).milliseconds(network);
    double dense = Latency.of(OnnxRuntime.standard()).rounds(9).milliseconds(network);
    // README: end
    return new double[] {sparse, dense};
  }
}
