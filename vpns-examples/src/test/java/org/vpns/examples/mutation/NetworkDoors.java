package org.vpns.examples.mutation;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.vpns.examples.mutation.Door.Use;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.GraphFile;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.onnx.Onnx;
import org.vpns.onnx.OnnxImport;
import org.vpns.onnx.OnnxTranslator;
import org.vpns.predict.PrunedModel;
import org.vpns.train.Trainer;

/** Readers of networks: ONNX files and graphs. */
final class NetworkDoors extends DoorGroup {
  private static final String[] EXPORTS = {
    "attention_static_13",
    "branches_static_13",
    "dense_training_9",
    "layer_scale_open_17",
    "se_static_14",
    "shuffle_static_11"
  };

  /**
   * @param folder for the files of the runs that samples are made by
   */
  NetworkDoors(Path folder) throws IOException {
    super(folder);
    onnx();
    graphs();
  }

  private void onnx() throws IOException {
    List<byte[]> networks = new ArrayList<>();
    for (String name : EXPORTS) {
      networks.add(Samples.export("" + name + "/network.onnx"));
    }
    Path written = folder.resolve("small.onnx");
    try (Model model = Samples.network()) {
      Onnx.export(model.getBlock(), new Shape(1, 8, 8)).write(written);
    }
    byte[] small = Files.readAllBytes(written);
    for (int i = 0; i < 2 * EXPORTS.length; i++) {
      networks.add(small); // the quickest most often
    }
    add(
        "onnx",
        1,
        alone("network.onnx", networks.toArray(byte[][]::new)),
        (place, random) -> {
          OnnxImport file = Onnx.open(place.resolve("network.onnx"));
          file = random.nextInt(4) == 0 ? file.batch(1) : file;
          file = random.nextInt(4) == 0 ? file.quantisedAsFloats() : file;
          file = random.nextInt(4) == 0 ? file.floatInputs() : file;
          file = random.nextInt(8) == 0 ? file.channelsLast() : file;
          file = random.nextInt(8) == 0 ? file.images(new Shape(1, 8, 8)) : file;
          file = random.nextInt(4) == 0 ? file.constant(".*bias") : file;
          Model model = file.read();
          return network(model, out -> Onnx.write(block(model), out.resolve("again.onnx")));
        },
        IOException.class,
        IllegalArgumentException.class);
    Path result = folder.resolve("result.onnx");
    try (Model model = Samples.network();
        PrunedModel pruned =
            Trainer.of(Samples.recipe()).fit(model, Samples.images(model.getNDManager()))) {
      Onnx.write(pruned, result);
    }
    add(
        "translator",
        2,
        alone("result.onnx", Files.readAllBytes(result)),
        (place, random) -> {
          List<String> names = OnnxTranslator.of(place.resolve("result.onnx")).classNames();
          return out ->
              Files.write(
                  out.resolve("names"), String.join("", names).getBytes(StandardCharsets.UTF_8));
        },
        IOException.class);
  }

  private void graphs() throws IOException {
    Path file = folder.resolve("graph.safetensors");
    try (Model model = Samples.network()) {
      GraphFile.save(
          BlockTracer.graphBlock(model.getBlock(), model.getNDManager(), new Shape(1, 8, 8)), file);
    }
    List<byte[]> graphs = new ArrayList<>();
    graphs.add(Files.readAllBytes(file));
    for (String name : EXPORTS) {
      Path onnx = folder.resolve(name + ".onnx");
      Files.write(onnx, Samples.export("" + name + "/network.onnx"));
      try (Model model = Onnx.read(onnx)) {
        GraphFile.save(block(model), file);
      }
      graphs.add(Files.readAllBytes(file));
    }
    add(
        "graph",
        4,
        alone("graph.safetensors", graphs.toArray(byte[][]::new)),
        (place, random) -> {
          Model model = GraphFile.open(place.resolve("graph.safetensors"));
          return network(model, out -> GraphFile.save(block(model), out.resolve("again")));
        },
        IOException.class);
  }

  private static GraphBlock block(Model model) {
    return (GraphBlock) model.getBlock();
  }

  /** One pass and one save of a network's graph. */
  private static Use network(Model model, Use save) {
    return new Use() {
      @Override
      public void use(Path out) throws Exception {
        forward(model);
        try {
          save.use(out);
        } catch (IllegalArgumentException e) {
          throw new MutationLaw.Refused(e); // the format does not have every operator
        }
      }

      @Override
      public void close() {
        model.close();
      }
    };
  }

  private static void forward(Model model) {
    ModelGraph graph = block(model).graph();
    long size = 0;
    for (int input : graph.inputs()) {
      size += Math.abs(graph.tensor(input).shape().size());
    }
    if (size > MAX_VALUES) {
      return;
    }
    try (NDManager scope = model.getNDManager().newSubManager()) {
      NDList inputs = new NDList();
      for (int input : graph.inputs()) {
        long[] shape = graph.tensor(input).shape().getShape().clone();
        shape[0] = shape[0] < 0 ? 2 : shape[0];
        inputs.add(scope.ones(new Shape(shape), graph.tensor(input).type()));
      }
      model.getBlock().forward(new ParameterStore(scope, false), inputs, false);
    }
  }
}
