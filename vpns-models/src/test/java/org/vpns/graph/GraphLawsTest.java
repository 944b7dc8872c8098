package org.vpns.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.io.FormatException;

/** Laws of graphs over random networks, and of their text over random damage. */
class GraphLawsTest {
  private static void tracedEqualsBlock(long seed) throws FormatException {
    try (NDManager manager = NDManager.newBaseManager()) {
      Block block = RandomBlocks.of(seed);
      block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(RandomBlocks.IMAGE));
      GraphBlock graph = GraphComparison.assertEqual(block, manager, RandomBlocks.IMAGE);
      ModelGraph read = GraphJson.read(GraphJson.write(graph.graph()), "text");
      assertThat(read).isEqualTo(graph.graph());
      assertThat(read.fingerprint()).isEqualTo(graph.graph().fingerprint());
      GraphBlock again = GraphBlock.of(graph.network().with(read), manager);
      NDArray x = GraphComparison.images(manager, new Shape(2).addAll(RandomBlocks.IMAGE));
      ParameterStore store = new ParameterStore(manager, false);
      assertThat(again.forward(store, new NDList(x), false).head().toFloatArray())
          .isEqualTo(graph.forward(store, new NDList(x), false).head().toFloatArray());
    }
  }

  /** Look-ups say what the list of nodes says; a graph made anew of its own parts is itself. */
  @Property(tries = 20)
  void relations_ofARandomNetwork_areThoseOfItsNodes(@ForAll long seed) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Block block = RandomBlocks.of(seed);
      block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(RandomBlocks.IMAGE));
      NetworkValues network = BlockTracer.network(block, RandomBlocks.IMAGE);
      ModelGraph graph = network.graph();
      int read = 0;
      for (int t = 0; t < graph.tensors().size(); t++) {
        int tensor = t;
        boolean given = graph.parameterOf(t) != null || graph.constantOf(t) != null;
        assertThat(graph.maker(t) == null).isEqualTo(given || graph.inputs().contains(t));
        assertThat(graph.readers(t))
            .allMatch(r -> r.node().inputs().get(r.input()) == tensor)
            .doesNotHaveDuplicates();
        read += graph.readers(t).size();
      }
      assertThat(read)
          .isEqualTo(
              graph.nodes().stream()
                  .flatMap(node -> node.inputs().stream())
                  .filter(t -> t != ModelGraph.ABSENT)
                  .count());
      GraphEditor editor = GraphEditor.of(network);
      for (GraphNode node : graph.nodes()) {
        assertThat(node.outputs()).allMatch(t -> node.equals(graph.maker(t)));
        assertThat(graph.node(node.name())).isSameAs(node);
        editor.replace(node, node.operator());
      }
      assertThat(editor.graph()).isEqualTo(graph);
    }
  }

  @Property(tries = 60)
  void randomNetwork_tracedAndWrittenAndRead_isTheSame(@ForAll long seed) throws Exception {
    tracedEqualsBlock(seed);
  }

  @Tag("slow")
  @Property(tries = 1500)
  void manyRandomNetworks_tracedAndWrittenAndRead_areTheSame(@ForAll long seed) throws Exception {
    tracedEqualsBlock(seed);
  }

  private static String text(long seed) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Block block = RandomBlocks.of(seed);
      block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(RandomBlocks.IMAGE));
      return GraphJson.write(BlockTracer.trace(block, RandomBlocks.IMAGE));
    }
  }

  private static final String[] TEXTS = {text(1), text(2), text(3), text(4)};

  /** Numbers out of range, parts of the text moved, cut or doubled, single characters changed. */
  private static String damaged(Random random) {
    StringBuilder text = new StringBuilder(TEXTS[random.nextInt(TEXTS.length)]);
    int times = 1 + random.nextInt(3);
    for (int i = 0; i < times && !text.isEmpty(); i++) {
      int at = random.nextInt(text.length());
      int to = Math.min(text.length(), at + 1 + random.nextInt(40));
      switch (random.nextInt(6)) {
        case 0 -> text.setCharAt(at, (char) random.nextInt(128));
        case 1 -> text.delete(at, to);
        case 2 -> text.insert(at, text.substring(at, to));
        case 3 -> text.setLength(at);
        default -> {
          String[] values = {
            "-1",
            "0",
            "2",
            "99999",
            "1e9",
            "9223372036854775807",
            "null",
            "\"x\"",
            "[]",
            "{}",
            "true"
          };
          int digit = at;
          while (digit < text.length() && !Character.isDigit(text.charAt(digit))) {
            digit++;
          }
          int end = digit;
          while (end < text.length() && Character.isDigit(text.charAt(end))) {
            end++;
          }
          text.replace(digit, end, values[random.nextInt(values.length)]);
        }
      }
    }
    return text.toString();
  }

  private static void readsOrRefuses(long seed) {
    String text = damaged(new Random(seed));
    try {
      ModelGraph graph = GraphJson.read(text, "text");
      assertThat(graph.outputs()).isNotEmpty();
      assertThat(GraphJson.read(GraphJson.write(graph), "again")).isEqualTo(graph);
    } catch (FormatException e) {
      assertThat(e.getMessage().getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(1 << 20);
    }
  }

  @Property(tries = 1000)
  void damagedText_isReadOrRefused(@ForAll long seed) {
    readsOrRefuses(seed);
  }

  @Tag("slow")
  @Property(tries = 20_000)
  void muchDamagedText_isReadOrRefused(@ForAll long seed) {
    readsOrRefuses(seed);
  }
}
