package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.ImageInput;
import org.vpns.MaskSet;
import org.vpns.Sparsity;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.LayerTable;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.onnx.Onnx;
import org.vpns.predict.PrunedModel;
import org.vpns.prune.Pruners;
import org.vpns.runtime.SparseRuntime;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.plan.ChannelPlan;
import org.vpns.testing.TinyResNet;
import org.vpns.weights.WeightFile;

/** Whatever is asked of a network that was closed says so; the engine's words name nothing. */
class UseAfterCloseTest {
  private static final Shape IMAGE = new Shape(3, 16, 16);

  @TempDir static Path folder;

  @TestFactory
  List<DynamicTest> closedNetwork_isTold() throws Exception {
    Model model = TinyResNet.newModel();
    NDManager manager = NDManager.newBaseManager();
    NetworkValues network = BlockTracer.network(model.getBlock(), IMAGE);
    GraphBlock block = GraphBlock.of(network, model.getNDManager());
    ChannelGroups groups = ChannelGroups.of(network.graph());
    ChannelPlan plan = ChannelPlan.of(groups, List.of(groups.free().get(0)));
    Path weights = folder.resolve("weights.safetensors");
    WeightFile.save(model, weights);
    Path result = folder.resolve("result");
    MaskSet masks = Pruners.magnitude().findMask(model, Sparsity.of("0.5"), 7);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < TinyResNet.SOURCE_CLASSES; i++) {
      names.add("class " + i);
    }
    ImageInput input = ImageInput.of(3, 16, 16);
    PrunedModel pruned = PrunedModel.of(model, masks, input, names);
    pruned.save(result);
    PrunedModel loaded = PrunedModel.load(result);
    loaded.close();
    pruned.close();
    model.close();

    Map<String, ThrowingCallable> uses = new LinkedHashMap<>();
    uses.put("MaskSet.applyTo", () -> masks.applyTo(model));
    uses.put("MaskSet.requireFits", () -> masks.requireFits(model));
    uses.put("PrunedModel.of", () -> PrunedModel.of(model, masks, input, names));
    uses.put("PrunedModel.load", () -> PrunedModel.load(result, model));
    uses.put("PrunedModel.loadTrusted", () -> PrunedModel.loadTrusted(result, model));
    uses.put("WeightFile.into", () -> WeightFile.open(weights).into(model));
    uses.put("WeightFile.into, block", () -> WeightFile.open(weights).into(model.getBlock()));
    uses.put("WeightFile.intoByOrder", () -> WeightFile.open(weights).intoByOrder(model));
    uses.put("WeightFile.load", () -> WeightFile.load(model, weights));
    uses.put("WeightFile.save", () -> WeightFile.save(model, folder.resolve("other")));
    uses.put("BlockTracer.trace", () -> BlockTracer.trace(model.getBlock(), IMAGE));
    uses.put("GraphBlock.of", () -> GraphBlock.of(network, manager));
    uses.put("LayerTable.of", () -> LayerTable.of(network));
    uses.put("ChannelPlan.apply, model", () -> plan.apply(model));
    uses.put("ChannelPlan.apply, values", () -> plan.apply(network, manager));
    uses.put("Onnx.write, block", () -> Onnx.write(block, folder.resolve("block.onnx")));
    uses.put("Onnx.write, result", () -> Onnx.write(loaded, folder.resolve("result.onnx")));
    uses.put("SparseRuntime, values", () -> SparseRuntime.standard().prepare(network));
    uses.put("SparseRuntime, result", () -> SparseRuntime.standard().prepare(loaded));
    List<DynamicTest> tests = new ArrayList<>();
    uses.forEach(
        (name, use) ->
            tests.add(
                DynamicTest.dynamicTest(
                    name,
                    () ->
                        assertThatIllegalStateException()
                            .isThrownBy(use)
                            .withMessageStartingWith("use after close: "))));
    return tests;
  }
}
