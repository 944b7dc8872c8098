package org.vpns.examples.mutation;

import ai.djl.Model;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.vpns.MaskSet;
import org.vpns.VisualPrompt;
import org.vpns.examples.mutation.Door.Reading;
import org.vpns.examples.mutation.Door.Use;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.GraphFile;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.io.MaskFile;
import org.vpns.io.NamedTensors;
import org.vpns.io.SafeTensors;
import org.vpns.onnx.Onnx;
import org.vpns.onnx.OnnxImport;
import org.vpns.onnx.OnnxTranslator;
import org.vpns.predict.PromptFile;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison;
import org.vpns.study.HtmlReport;
import org.vpns.study.KeptRuns;
import org.vpns.study.data.CifarRecords;
import org.vpns.study.data.ClassFolders;
import org.vpns.study.data.IdxFile;
import org.vpns.study.data.ImageTable;
import org.vpns.testing.Fixtures;
import org.vpns.torch.TorchFile;
import org.vpns.train.ImageSets;
import org.vpns.train.Trainer;
import org.vpns.weights.WeightFile;

/**
 * All readers of files. TorchScript modules are left out where they run: they are programs, and
 * what PyTorch does with a broken one is not promised.
 */
final class Doors implements AutoCloseable {
  private static final String[] EXPORTS = {
    "attention_static_13",
    "branches_static_13",
    "dense_training_9",
    "layer_scale_open_17",
    "se_static_14",
    "shuffle_static_11"
  };

  /** More than that a network is not run on, and is not read out of a file's promise. */
  private static final long MAX_VALUES = 1 << 20;

  private final List<Door> doors = new ArrayList<>();
  private final List<AutoCloseable> owned = new ArrayList<>();
  private final Path folder;

  /**
   * @param folder for the files of the runs that samples are made by
   */
  Doors(Path folder) throws IOException {
    this.folder = folder;
    onnx();
    torch();
    weights();
    tensors();
    results();
    graphs();
    runs();
    images();
  }

  List<Door> list() {
    return doors;
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable each : owned) {
      each.close();
    }
  }

  @SafeVarargs
  private void add(
      String name,
      double share,
      List<Map<String, byte[]>> samples,
      Reading reading,
      Class<? extends Exception>... documented) {
    add(name, share, samples, files -> files, null, reading, documented);
  }

  @SafeVarargs
  private void add(
      String name,
      double share,
      List<Map<String, byte[]>> samples,
      UnaryOperator<Map<String, byte[]>> repair,
      @Nullable Model model,
      Reading reading,
      Class<? extends Exception>... documented) {
    doors.add(new Door(name, samples, share, repair, Set.of(documented), model, reading));
  }

  private Model owned(Model model) {
    owned.add(model);
    return model;
  }

  private static List<Map<String, byte[]>> alone(String name, byte[]... contents) {
    return java.util.Arrays.stream(contents).map(bytes -> Map.of(name, bytes)).toList();
  }

  /** A result says in words what it is. */
  private static void requireText(Object result) {
    if (result.toString().isBlank()) {
      throw new AssertionError("no text");
    }
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

  private void torch() throws IOException {
    List<Map<String, byte[]>> files = new ArrayList<>();
    for (String name :
        List.of(
            "torch/ckpt_imagenet_example.pth",
            "torch/lightning.ckpt",
            "torch/mmcv.pth",
            "torch/sets_protocol4.pth",
            "torch/tied.pth",
            "torch/timm.pth",
            "torch/wholemodule_weights.pth",
            "torch/nested_uneven.pth",
            "torch/complex.pth",
            "torch/wholemodule_legacy.pth",
            "lpips/alex.pth")) {
      files.add(Map.of("weights.pth", Samples.published(name)));
    }
    files.add(Map.of("weights.pth", Fixtures.bytes("plain.pt"))); // TorchScript, read as data
    add(
        "torch",
        4,
        files,
        (place, random) -> {
          Path path = place.resolve("weights.pth");
          TorchFile file =
              random.nextInt(4) == 0
                  ? TorchFile.ignoring("torch.*", "_.*").read(path)
                  : TorchFile.read(path);
          return out -> {
            try {
              values(random.nextBoolean() ? file.at() : file);
            } catch (IllegalStateException severalDictionaries) {
              throw new MutationLaw.Refused(severalDictionaries);
            } catch (IllegalArgumentException e) {
              throw new MutationLaw.Refused(e);
            }
          };
        },
        IOException.class);
  }

  private static void values(NamedTensors tensors) {
    for (String name : tensors.names()) {
      long size = tensors.shape(name).size();
      if (size > MAX_VALUES) {
        continue;
      }
      if (tensors.type(name).isFloat()) {
        if (tensors.floats(name).length != size || tensors.doubles(name).length != size) {
          throw new AssertionError(name);
        }
      } else if (tensors instanceof TorchFile torch) {
        torch.longs(name);
      } else if (tensors instanceof SafeTensors safe) {
        integers(safe, name);
      }
    }
  }

  private static void integers(SafeTensors tensors, String name) {
    switch (tensors.type(name)) {
      case I64, I32, I16, I8, U8, BOOL -> {
        try {
          tensors.longs(name);
        } catch (IllegalArgumentException e) {
          tensors.bytes(name);
        }
      }
      default -> {}
    }
  }

  private void weights() throws IOException {
    Path onnx = folder.resolve("dense.onnx");
    Files.write(onnx, Samples.export("dense_training_9/network.onnx"));
    Model model = owned(Onnx.read(onnx));
    Path safe = folder.resolve("dense.safetensors");
    WeightFile.save(model, safe);
    add(
        "weights",
        2,
        List.of(
            Map.of("w.pth", Samples.export("dense_training_9/network.pth")),
            Map.of("w.safetensors", Files.readAllBytes(safe))),
        files -> files,
        model,
        (place, random) -> {
          Path pth = place.resolve("w.pth");
          WeightFile file =
              WeightFile.open(Files.exists(pth) ? pth : place.resolve("w.safetensors"));
          file = random.nextInt(3) == 0 ? file.stripPrefix("module.") : file;
          file = random.nextInt(3) == 0 ? file.lenient() : file;
          file = random.nextInt(6) == 0 ? file.skip(".*bias") : file;
          if (random.nextInt(6) == 0) {
            file.rename("(a+)", "b$1").metadata();
          }
          requireText(file.into(model));
          return out -> WeightFile.save(model, out.resolve("again.safetensors"));
        },
        IOException.class,
        UncheckedIOException.class,
        IllegalArgumentException.class,
        IllegalStateException.class);
  }

  private void tensors() throws IOException {
    byte[] floats =
        SafeTensors.builder()
            .putFloats("layer.weight", new Shape(2, 3), new float[] {1, 2, 3, 4, 5, 6})
            .putDoubles("layer.bias", new Shape(2), new double[] {1, 2})
            .metadata("format", "pt")
            .toBytes();
    byte[] others =
        SafeTensors.builder()
            .putLongs("count", new Shape(1), new long[] {7})
            .putBytes("bytes", new byte[] {0, 1, 2})
            .putFloats("scale", new Shape(), new float[] {1})
            .toBytes();
    add(
        "safetensors",
        2,
        alone("t.safetensors", floats, others),
        (place, random) -> {
          SafeTensors tensors = SafeTensors.read(place.resolve("t.safetensors"));
          return out -> values(tensors);
        },
        IOException.class);
    String index =
        "{\"metadata\":{\"total_size\":61},\"weight_map\":{\"layer.weight\":\"a.safetensors\","
            + "\"layer.bias\":\"a.safetensors\",\"count\":\"b.safetensors\","
            + "\"bytes\":\"b.safetensors\",\"scale\":\"b.safetensors\"}}";
    Map<String, byte[]> shards = new LinkedHashMap<>();
    shards.put("index.json", index.getBytes(StandardCharsets.UTF_8));
    shards.put("a.safetensors", floats);
    shards.put("b.safetensors", others);
    add(
        "shards",
        2,
        List.of(shards),
        (place, random) -> {
          NamedTensors tensors = SafeTensors.readShards(place.resolve("index.json"));
          return out -> values(tensors);
        },
        IOException.class);
  }

  private void results() throws IOException {
    Map<String, byte[]> result = Samples.result(folder);
    add(
        "result",
        1,
        List.of(result),
        Samples::repairResult,
        null,
        (place, random) -> pruned(PrunedModel.load(place)),
        IOException.class);
    Model model = owned(Samples.network());
    add(
        "result into a model",
        1,
        List.of(result),
        Samples::repairResult,
        model,
        (place, random) -> pruned(PrunedModel.load(place, model)),
        IOException.class,
        IllegalArgumentException.class);
    add(
        "masks",
        3,
        alone("masks.vpns", result.get("masks.vpns"), Fixtures.bytes("masks-v1.vpns")),
        (place, random) -> {
          MaskFile file = MaskFile.read(place.resolve("masks.vpns"));
          MaskSet masks = file.masks();
          return out -> {
            file.write(out.resolve("again.vpns"));
            if (file.toString().isEmpty()) {
              throw new AssertionError(masks);
            }
          };
        },
        IOException.class);
    NDManager manager = NDManager.newBaseManager();
    owned.add(manager);
    add(
        "prompt",
        2,
        List.of(Map.of("prompt.safetensors", result.get("prompt.safetensors"))),
        Samples::repairPrompt,
        null,
        (place, random) -> {
          NDManager own = manager.newSubManager();
          VisualPrompt prompt;
          try {
            prompt = PromptFile.load(own, place.resolve("prompt.safetensors"));
          } catch (Throwable e) {
            int left = own.getManagedArrays().size();
            own.close();
            if (left > 0) {
              throw new AssertionError(left + " arrays stay", e);
            }
            throw e;
          }
          return new Use() {
            @Override
            public void use(Path out) throws IOException {
              PromptFile.save(prompt, out.resolve("again.safetensors"));
            }

            @Override
            public void close() {
              own.close();
            }
          };
        },
        IOException.class);
    add(
        "report",
        2,
        List.of(Map.of("report.json", result.get("report.json"))),
        (place, random) -> {
          PruneReport report = PruneReport.read(place.resolve("report.json"));
          return out -> {
            report.write(out.resolve("again.json"));
            String text = report.summary() + report.line() + report;
            Files.writeString(out.resolve("text"), text);
            try {
              Comparison comparison = Comparison.of(List.of(report), report.recipe());
              HtmlReport.write(out.resolve("r.html"), "runs", comparison, List.of(report));
              Files.writeString(out.resolve("c"), comparison.toCsv() + comparison.toMarkdown());
            } catch (IllegalArgumentException e) {
              throw new MutationLaw.Refused(e);
            }
          };
        },
        IOException.class);
  }

  /** One prediction and one save. */
  private static Use pruned(PrunedModel pruned) {
    return new Use() {
      @Override
      public void use(Path out) throws Exception {
        long pixels = (long) pruned.input().height() * pruned.input().width();
        if (pixels <= MAX_VALUES) {
          Image image =
              ImageFactory.getInstance()
                  .fromImage(
                      new BufferedImage(
                          pruned.input().imageWidth(),
                          pruned.input().imageHeight(),
                          BufferedImage.TYPE_INT_RGB));
          try (var predictor = pruned.newPredictor()) {
            requireText(predictor.predict(image));
          }
        }
        pruned.save(out.resolve("again"));
        requireText(pruned);
      }

      @Override
      public void close() {
        pruned.close();
      }
    };
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

  private void runs() throws IOException {
    Model model = owned(Samples.network());
    ImageSets images = Samples.images(model.getNDManager());
    add(
        "checkpoint",
        0.3,
        List.of(Samples.checkpoint(folder)),
        Samples::repairCheckpoint,
        model,
        (place, random) -> {
          Path run = place.resolveSibling("run");
          Files.createDirectories(run);
          Path name = Path.of("checkpoint.safetensors");
          Files.copy(place.resolve(name), run.resolve(name)); // a run goes on writing there
          PrunedModel pruned =
              Trainer.of(Samples.recipe()).checkpoints(run).resume().fit(model, images);
          return pruned(pruned);
        },
        UncheckedIOException.class,
        IllegalStateException.class);
    String name = KeptRuns.fileName(Samples.recipe());
    PruneReport report;
    Path kept = folder.resolve("kept");
    try (Model dense = Samples.network()) {
      report =
          new KeptRuns(kept).run(Samples.recipe(), dense, Samples.images(dense.getNDManager()));
    }
    add(
        "kept runs",
        0.5,
        List.of(Map.of(name, report.toJson().getBytes(StandardCharsets.UTF_8))),
        files -> files,
        model,
        (place, random) -> {
          Path run = place.resolveSibling("run");
          KeptRuns runs = new KeptRuns(run);
          Files.copy(place.resolve(name), run.resolve("runs").resolve(name));
          PruneReport read = runs.run(Samples.recipe(), model, images);
          return out -> read.write(out.resolve("again.json"));
        },
        IOException.class,
        IllegalStateException.class);
  }

  private void images() throws IOException {
    byte[] pixels =
        ByteBuffer.allocate(16 + 3 * 4).putInt(0x803).putInt(3).putInt(2).putInt(2).array();
    byte[] labels = ByteBuffer.allocate(8 + 3).putInt(0x801).putInt(3).put(9, (byte) 1).array();
    Map<String, byte[]> idx = new LinkedHashMap<>();
    idx.put("images.idx", pixels);
    idx.put("labels.idx", labels);
    Map<String, byte[]> zipped = new LinkedHashMap<>();
    zipped.put("images.idx", gzip(pixels));
    zipped.put("labels.idx", gzip(labels));
    add(
        "idx",
        2,
        List.of(idx, zipped),
        (place, random) -> {
          ImageTable table =
              IdxFile.table(
                  "images",
                  IdxFile.readImages(place.resolve("images.idx")),
                  IdxFile.readLabels(place.resolve("labels.idx")),
                  List.of("a", "b", "c"));
          return use(table);
        },
        IOException.class);
    byte[] records = new byte[2 * CifarRecords.RECORD_BYTES];
    records[CifarRecords.RECORD_BYTES] = 1;
    Map<String, byte[]> cifar = new LinkedHashMap<>();
    cifar.put("data_batch_1.bin", records);
    cifar.put("test_batch.bin", records);
    cifar.put("batches.meta.txt", "cat\ndog\n".getBytes(StandardCharsets.UTF_8));
    add(
        "cifar",
        2,
        List.of(cifar),
        (place, random) -> use(CifarRecords.readFolder(place).test()),
        IOException.class);
    Map<String, byte[]> folders = new LinkedHashMap<>();
    for (String format : List.of("png", "gif", "bmp", "jpg")) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ImageIO.write(new BufferedImage(5, 4, BufferedImage.TYPE_INT_RGB), format, out);
      folders.put((format.equals("png") ? "a/1." : "b/1.") + format, out.toByteArray());
    }
    add(
        "class folders",
        0.5,
        List.of(folders),
        (place, random) -> use(ClassFolders.read(place, 3, 4, 4)),
        IOException.class);
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (var zip = new java.util.zip.GZIPOutputStream(out)) {
      zip.write(content);
    }
    return out.toByteArray();
  }

  private static Use use(ImageTable table) {
    return out -> {
      requireText(table);
      try (NDManager manager = NDManager.newBaseManager();
          NDArray first =
              manager.create(
                  table.image(0), new Shape(table.channels(), table.height(), table.width()))) {
        first.toFloatArray();
        table.toDataset(manager);
      }
    };
  }
}
