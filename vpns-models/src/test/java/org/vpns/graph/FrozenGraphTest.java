package org.vpns.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.graph.GraphNetworkProvider;
import org.vpns.model.ResNets;

/** What is frozen, and set free again, in a network and in its graph. */
class FrozenGraphTest {
  private static final Shape IMAGE = ResNets.small().inputShape().slice(1);
  private static final List<String> SOME =
      List.of("layer1.0.conv1.weight", "layer1.0.bn1.weight", "layer1.0.bn1.bias");

  @TempDir private Path folder;
  private Model model;
  private NDManager manager;

  @BeforeEach
  void open() {
    model = ResNets.small().newModel("frozen", 1);
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    model.close();
    manager.close();
  }

  private ModelGraph traced() {
    return BlockTracer.trace(model.getBlock(), IMAGE);
  }

  private static void freeze(Block block) {
    SOME.forEach(path -> ParameterPaths.of(block).find(path).parameter().freeze(true));
  }

  private static List<String> frozen(Block block) {
    return ParameterPaths.of(block).frozen().stream().map(NamedParameter::path).toList();
  }

  @Test
  void trace_whereAllWasFrozenAndSetFree_isThatOfBefore() {
    ModelGraph before = traced();
    model.getBlock().freezeParameters(true);
    model.getBlock().freezeParameters(false); // takes the running statistics as well

    assertThat(traced()).isEqualTo(before);
  }

  @Test
  void fingerprint_doesNotCountWhatIsFrozen() {
    ModelGraph before = traced();
    freeze(model.getBlock());

    assertThat(traced()).isNotEqualTo(before);
    assertThat(traced().fingerprint()).isEqualTo(before.fingerprint());
  }

  @Test
  void graphBlock_frozenAfterItWasMade_isSoWhenItWasSavedAndRead() throws IOException {
    GraphBlock block = BlockTracer.graphBlock(model.getBlock(), manager, IMAGE);
    freeze(block);
    GraphFile.save(block, folder.resolve("some.safetensors"));
    block.freezeParameters(true);
    GraphFile.save(block, folder.resolve("all.safetensors"));
    block.freezeParameters(false);
    GraphFile.save(block, folder.resolve("none.safetensors"));

    assertThat(frozen(GraphFile.load(folder.resolve("some.safetensors"), manager))).isEqualTo(SOME);
    assertThat(frozen(GraphFile.load(folder.resolve("all.safetensors"), manager))).hasSize(29);
    GraphBlock none = GraphFile.load(folder.resolve("none.safetensors"), manager);
    assertThat(frozen(none)).isEmpty();
    assertThat(none.graph()).isEqualTo(block.graph());
  }

  @Test
  void description_forAResultFolder_holdsWhatIsFrozenNow() throws IOException {
    GraphBlock block = BlockTracer.graphBlock(model.getBlock(), manager, IMAGE);
    freeze(block);
    String text = new GraphNetworkProvider().describe(block, IMAGE);

    assertThat(frozen(GraphBlock.of(GraphFile.graph(text, "a test"), manager))).isEqualTo(SOME);
  }
}
