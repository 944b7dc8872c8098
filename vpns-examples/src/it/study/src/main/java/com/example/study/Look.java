package com.example.study;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.vpns.LabelAssignment;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Scores;
import org.vpns.VisualPrompt;
import org.vpns.graph.BatchNormFolding;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.GraphConstant;
import org.vpns.graph.GraphEditor;
import org.vpns.graph.GraphFile;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.GraphRun;
import org.vpns.graph.GraphTensor;
import org.vpns.graph.LayerCost;
import org.vpns.graph.LayerTable;
import org.vpns.graph.MappedHead;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.io.FormatException;
import org.vpns.io.MaskFile;
import org.vpns.io.NamedTensors;
import org.vpns.io.SafeTensors;
import org.vpns.io.TensorType;
import org.vpns.latency.Latency;
import org.vpns.latency.NetworkRuntime;
import org.vpns.model.DenseNets;
import org.vpns.model.MobileNets;
import org.vpns.model.NetworkPlan;
import org.vpns.model.ResNets;
import org.vpns.model.Vggs;
import org.vpns.onnx.Onnx;
import org.vpns.onnx.OnnxExport;
import org.vpns.onnx.OnnxImport;
import org.vpns.onnx.OnnxRuntime;
import org.vpns.predict.PromptFile;
import org.vpns.predict.PrunedModel;
import org.vpns.report.Accuracy;
import org.vpns.report.Cost;
import org.vpns.report.EpochRecord;
import org.vpns.report.LayerRecord;
import org.vpns.report.PromptRecord;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;
import org.vpns.score.LayerCollapse;
import org.vpns.select.Selection;
import org.vpns.select.TensorGroup;
import org.vpns.structured.ChannelGroup;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelRules;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.plan.LatencySearch;
import org.vpns.structured.plan.LayerTimes;
import org.vpns.torch.TorchFile;
import org.vpns.weights.LoadReport;
import org.vpns.weights.WeightFile;

/** Looks into what another program left behind: report, mask, prompt, weights, graph. */
public final class Look {
  private Look() {}

  /** The folder of a result, then one for what is made of it. */
  public static void main(String[] args) throws Exception {
    Path result = Path.of(args[0]);
    Path out = Files.createDirectories(Path.of(args[1]));
    report(PruneReport.read(result.resolve("report.json")));
    try (PrunedModel pruned = PrunedModel.load(result)) {
      files(pruned, result, out);
      masksAlone(pruned);
      weights(pruned);
      graph(pruned, out);
      channels(pruned);
      Plans.of(pruned, out);
    }
    foreign(out);
    networks();
  }

  private static void report(PruneReport report) {
    for (StageRecord stage : report.stages()) {
      Cost cost = stage.training();
      System.out.printf("%s: %d backward passes%n", stage.name(), cost.backwards());
      for (EpochRecord epoch : stage.epochs()) {
        System.out.printf("  epoch %d: loss %.3f%n", epoch.epoch(), epoch.loss());
      }
    }
    LayerRecord densest = report.layers().get(0);
    for (LayerRecord layer : report.layers()) {
      densest = layer.density() > densest.density() ? layer : densest;
    }
    Accuracy tuned = report.tuned();
    PromptRecord prompt = report.prompt();
    System.out.println(densest.path() + ", " + tuned.promptedFraction() + ", " + prompt.line());
  }

  private static void files(PrunedModel pruned, Path result, Path out) throws IOException {
    MaskSet masks = MaskFile.read(result.resolve("masks.vpns")).masks();
    require(masks.equals(pruned.masks()), "the mask in its file is another");
    Path file = out.resolve("weights.safetensors");
    pruned.saveWeights(file);
    NamedTensors tensors = SafeTensors.read(file);
    for (String name : tensors.names()) {
      TensorType type = tensors.type(name);
      require(type.isFloat(), name + " is of " + type);
    }
    NetworkPlan plan = ResNets.cifar20().withInput(3, 16, 16);
    try (Model same = plan.newModel("same", 3);
        NDManager manager = NDManager.newBaseManager()) {
      LoadReport loaded = WeightFile.open(file).into(same);
      System.out.println(loaded);
      VisualPrompt prompt = PromptFile.load(manager, result.resolve("prompt.safetensors"));
      System.out.println(prompt.kind() + " " + prompt.options());
    }
  }

  /** The same mask on a network that no run has seen, once in place and once as a result. */
  private static void masksAlone(PrunedModel pruned) {
    NetworkPlan plan = ResNets.cifar20().withInput(3, 16, 16);
    int outputs = pruned.mapping().sources();
    List<String> names = IntStream.range(0, outputs).mapToObj(i -> "output " + i).toList();
    try (Model network = plan.newModel("fresh", outputs)) {
      pruned.masks().applyTo(network);
      try (PrunedModel other =
          PrunedModel.of(network, pruned.masks(), pruned.input(), names)) {
        System.out.println(other.report().line());
        require(other.masks().equals(pruned.masks()), "the mask is another");
      }
    }
  }

  /** What may be pruned; by scores 1 and 0 the kept weights come before all others. */
  private static void weights(PrunedModel pruned) {
    ParameterPaths paths = ParameterPaths.of(pruned.model().getBlock());
    for (NamedParameter parameter : paths) {
      System.out.println(parameter.path() + " " + parameter.shape());
    }
    Layout layout = paths.prunable(pruned.filter());
    Scores scores = Scores.of(layout, (i, j) -> pruned.masks().mask(i).isKept(j) ? 1 : 0);
    List<Integer> all = IntStream.range(0, layout.tensors()).boxed().toList();
    TensorGroup half = new TensorGroup(all, layout.size() / 2);
    MaskSet larger = Selection.largest(scores, List.of(half), Selection.Order.VALUE);
    require(pruned.masks().isSubsetOf(larger), "what was kept is among the larger half");
  }

  /** The greatest value that each node of a network makes of an image. */
  private static void activations(NetworkValues network, NDArray image) {
    NDManager manager = image.getManager();
    GraphRun.Rule rule =
        (GraphNode node, NDArray[] in, ForwardPass pass) -> {
          NDArray[] out = GraphRun.Rule.OPERATORS.apply(node, in, pass);
          System.out.println(node.name() + ": " + out[0].max().getFloat());
          return out;
        };
    NDArray[] known = network.byTensor((p, array) -> array, c -> c.toArray(manager));
    GraphRun.of(network.graph()).run(known, new NDList(image), false, rule);
  }

  private static void networks() {
    List<NetworkPlan> plans =
        List.of(DenseNets.densenet121(), MobileNets.v2(), ResNets.resnet18(), Vggs.vgg16());
    for (NetworkPlan plan : plans) {
      System.out.println(plan.name() + ": " + plan.inputShape() + ", " + plan.classes());
    }
  }

  private static void graph(PrunedModel pruned, Path out) throws IOException {
    Shape image = new Shape(3, 16, 16);
    LabelAssignment mapping = pruned.mapping();
    try (NDManager manager = NDManager.newBaseManager()) {
      NetworkValues network = BlockTracer.network(pruned.model().getBlock(), image);
      LayerTable table = LayerTable.of(network.graph(), pruned.masks());
      for (LayerCost layer : table.layers()) {
        System.out.println(layer.name() + ": " + layer.keptMacs() + " of " + layer.macs());
      }
      MappedHead head = MappedHead.of(network, mapping, manager);
      BatchNormFolding folding = BatchNormFolding.fold(head.network(), manager);
      System.out.println(head.removed() + " rows, " + folding.folded().size() + " norms fewer");
      NDArray picture = manager.ones(new Shape(1).addAll(image));
      NDArray before = GraphRun.forward(head.network(), new NDList(picture)).head();
      NDArray after = GraphRun.forward(folding.network(), new NDList(picture)).head();
      require(before.sub(after).abs().max().getFloat() < 1e-3, "folding changes nothing");
      activations(folding.network(), picture);
      GraphBlock block = GraphBlock.of(withoutActivations(folding.network(), manager), manager);
      GraphFile.save(block, out.resolve("smaller.graph"));
    }
    try (Model smaller = GraphFile.open(out.resolve("smaller.graph"))) {
      OnnxExport export = Onnx.export(smaller.getBlock(), image).probabilities();
      export.write(out.resolve("smaller.onnx"));
      OnnxImport again = Onnx.open(out.resolve("smaller.onnx")).constant("vpns\\..*").batch(1);
      try (Model read = again.read()) {
        String parameters = read.getProperty(OnnxImport.PARAMETERS);
        String constants = read.getProperty(OnnxImport.CONSTANTS);
        System.out.println(parameters + " parameters, " + constants + " constants");
      }
      LayerCollapse collapse = LayerCollapse.of(pruned.model().getBlock(), image, pruned.masks());
      System.out.println(collapse.sentences());
    }
  }

  /** The network without the second half of the channels of each group, the first layer's kept. */
  private static void channels(PrunedModel pruned) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NetworkValues network =
          BlockTracer.network(pruned.model().getBlock(), new Shape(3, 16, 16));
      ChannelRules rules = ChannelRules.standard().keepOutputs("conv1");
      ChannelGroups groups = ChannelGroups.of(network.graph(), rules);
      System.out.println(groups);
      Worth.print(network, groups, manager);
      List<ChannelUnit> leaving = new ArrayList<>();
      for (ChannelGroup group : groups.groups()) {
        leaving.addAll(group.free().subList(group.free().size() / 2, group.free().size()));
      }
      NetworkValues smaller = groups.removal(network, leaving).apply(manager);
      long before = LayerTable.of(network.graph()).macs();
      long after = LayerTable.of(smaller.graph()).macs();
      System.out.println(leaving.size() + " channels left, " + before + " => " + after);
      require(after < before, "what left costs nothing");
      time(network, smaller);
    }
  }

  /** Milliseconds of both, and what is told where ONNX Runtime is missing. */
  private static void time(NetworkValues dense, NetworkValues smaller) {
    NetworkRuntime engine = NetworkRuntime.engine();
    Latency latency = Latency.of(engine).rounds(5);
    double[] milliseconds = latency.milliseconds(List.of(dense, smaller));
    System.out.println(latency + ": " + milliseconds[0] + " => " + milliseconds[1]);
    LatencySearch search =
        LatencySearch.of(latency, dense, ChannelGroups.of(dense.graph()));
    LayerTimes times = search.times();
    System.out.println(times.of(smaller.graph()) + " ms are forecast of the smaller one");
    try {
      Latency.of(OnnxRuntime.standard().threads(2)).milliseconds(dense);
      throw new IllegalStateException("timed by a runtime that is not there");
    } catch (IllegalStateException expected) {
      require(expected.getMessage().contains("onnxruntime-engine"), expected.getMessage());
    }
  }

  /** The same network, linear between its layers. */
  private static NetworkValues withoutActivations(NetworkValues network, NDManager manager) {
    GraphEditor editor = GraphEditor.of(network);
    ModelGraph graph = network.graph();
    for (GraphNode node : graph.nodes()) {
      Operator operator = node.operator();
      if (operator.kind().equals("relu")) {
        editor = editor.drop(node);
      }
    }
    for (GraphConstant constant : graph.constants()) {
      System.out.println(constant.name() + ": " + constant.shape());
    }
    for (GraphParameter parameter : graph.parameters()) {
      GraphTensor tensor = graph.tensor(parameter.tensor());
      require(tensor.shape().equals(parameter.shape()), parameter.path());
    }
    return editor.apply(manager);
  }

  /** What a reader says of a file that is none. */
  private static void foreign(Path out) throws IOException {
    Path file = out.resolve("weights.pth");
    Files.writeString(file, "not a file of PyTorch's");
    try {
      TorchFile.read(file);
      throw new IllegalStateException("read " + file);
    } catch (FormatException expected) {
      System.out.println(expected.getMessage());
    }
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new IllegalStateException(what);
    }
  }
}
