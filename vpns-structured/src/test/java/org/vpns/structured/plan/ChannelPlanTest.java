package org.vpns.structured.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Sparsity;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.LayerTable;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.io.FormatException;
import org.vpns.model.ResNets;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelRules;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.Masking;

/** What a plan says, keeps, and makes. */
class ChannelPlanTest {
  private static ChannelPlan half(ModelGraph graph, ChannelRules rules) {
    ChannelGroups groups = ChannelGroups.of(graph, rules);
    return ChannelSelection.of(ChannelBudget.channels(Sparsity.of(0.5)))
        .local()
        .plan(ChannelScores.of(groups, unit -> unit.number()));
  }

  private static ChannelPlan half(ModelGraph graph) {
    return half(graph, ChannelRules.standard());
  }

  @Test
  void plan_printed_tellsWhatEachGroupLosesAndWhy() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NetworkValues network = Chain.convolutions(manager, 8, 4);
      ChannelGroups groups = ChannelGroups.of(network.graph());
      ChannelPlan plan =
          ChannelSelection.of(ChannelBudget.channels(Sparsity.of(0.5)))
              .local()
              .minKeep("conv2", 4)
              .plan(ChannelScores.of(groups, unit -> unit.number()));
      // conv1: 8 x 3 x 9 weights at 4 x 4 places; conv2: 4 x 8 x 9; fc: 5 x 4
      assertThat(plan.toString().lines().map(String::stripTrailing))
          .containsExactly(
              "asked: 0.5 of the channels to leave; obtained: 4 of 12 leave",
              " group    channels  parameters            MACs           bytes",
              " conv1      8 => 4  216 => 108  3,456 => 1,728      864 => 432",
              " conv2           4  288 => 144  4,608 => 2,304    1,152 => 576  asked for 2: at"
                  + " least 4 stay",
              " fc              5          20              20              80  stays: result of the"
                  + " network",
              " network  17 => 13  524 => 272  8,084 => 4,052  2,096 => 1,088");
    }
  }

  @Test
  void apply_toABlock_keepsNamesTypesAndWhatIsFrozen() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NetworkValues network =
          Chain.of(manager, DataType.FLOAT64).conv("a", 6, 1).conv("b", 4, 1).network();
      GraphBlock block = GraphBlock.of(network, manager);
      for (NamedParameter p : ParameterPaths.of(block)) {
        p.parameter().freeze(p.path().equals("a.weight"));
      }
      GraphBlock smaller = half(network.graph()).apply(block, manager);
      assertThat(ParameterPaths.of(smaller).list().stream().map(NamedParameter::path))
          .containsExactly("a.weight", "b.weight", "fc.weight");
      for (NamedParameter p : ParameterPaths.of(smaller)) {
        boolean frozen = p.path().equals("a.weight");
        assertThat(p.parameter().requiresGradient()).as(p.path()).isEqualTo(!frozen);
        assertThat(p.parameter().getArray().hasGradient()).as(p.path()).isEqualTo(!frozen);
        assertThat(p.parameter().getArray().getDataType()).isEqualTo(DataType.FLOAT64);
        assertThat(p.parameter().getArray().getDevice()).isEqualTo(manager.getDevice());
      }
      // the given block is as it was
      assertThat(block.network().array("a.weight").getShape()).isEqualTo(new Shape(6, 3, 3, 3));
      double[] before = network.array("b.weight").toDoubleArray();
      double[] after = smaller.network().array("b.weight").toDoubleArray();
      // lower numbers have lower scores: rows 2, 3 and columns 3 to 5 are left
      assertThat(after).hasSize(2 * 3 * 9);
      assertThat(after[0]).isEqualTo(before[(2 * 6 + 3) * 9]);
      assertThat(after[53]).isEqualTo(before[(3 * 6 + 5) * 9 + 8]);
    }
  }

  @Test
  void apply_toANetworkThatWasFrozenSince_isAsBefore_andKeepsWhatIsFrozen() {
    try (Model model = ResNets.small().newModel("frozen", 1);
        NDManager manager = NDManager.newBaseManager()) {
      Shape image = ResNets.small().inputShape().slice(1);
      ChannelGroups groups = ChannelGroups.of(BlockTracer.trace(model.getBlock(), image));
      ChannelPlan plan = half(groups.graph());
      NamedParameter conv = ParameterPaths.of(model.getBlock()).find("layer1.0.conv1.weight");
      conv.parameter().freeze(true);
      NetworkValues now = BlockTracer.network(model.getBlock(), image);
      groups.requireOf(now, "a test");

      assertThat(plan.apply(now, manager).graph().parameter(conv.path()).shape().get(0))
          .isEqualTo(8);
      try (Model smaller = plan.apply(model)) {
        assertThat(ParameterPaths.of(smaller.getBlock()).frozen())
            .extracting(NamedParameter::path)
            .containsExactly(conv.path());
      }
    }
  }

  @Test
  void apply_toAModel_makesAnotherOfItsNameThatPredictsAsTheSmallerNetwork() {
    try (Model model = ResNets.small().newModel("small", 3)) {
      model.setProperty("Epoch", "7");
      Shape image = ResNets.small().inputShape().slice(1);
      NetworkValues network = BlockTracer.network(model.getBlock(), image);
      ChannelPlan plan = half(network.graph());
      try (Model smaller = plan.apply(model);
          NDManager manager = model.getNDManager().newSubManager()) {
        assertThat(smaller.getName()).isEqualTo("small");
        assertThat(smaller.getProperty("Epoch")).isEqualTo("7");
        assertThat(smaller.getDataType()).isEqualTo(model.getDataType());
        GraphBlock block = (GraphBlock) smaller.getBlock();
        assertThat(LayerTable.of(block.graph()).macs()).isEqualTo(plan.after().macs());
        NDList x = new NDList(manager.ones(new Shape(2).addAll(image)));
        float[] found =
            block.forward(new ParameterStore(manager, false), x, false).head().toFloatArray();
        float[] expected = Masking.run(plan.apply(network, manager), x.head());
        assertThat(found).isEqualTo(expected);
        assertThatThrownBy(() -> plan.apply(smaller))
            .hasMessageStartingWith("plan for another network: ");
      }
      // another of the same layers, but for other images
      try (Model other = ResNets.small().withClasses(3).newModel("other", 3)) {
        assertThatThrownBy(() -> plan.apply(other))
            .hasMessageStartingWith(
                String.format(
                    "plan for another network: ChannelPlan.apply; expected the network that the"
                        + " plan was made for, %,d parameters, %,d multiply-adds, %,d bytes, found"
                        + " ",
                    plan.before().parameters(), plan.before().macs(), plan.before().bytes()));
      }
    }
  }

  @Test
  void file_ofAPlan_holdsItsRules(@TempDir Path folder) throws IOException {
    try (NDManager manager = NDManager.newBaseManager()) {
      NetworkValues network = Chain.convolutions(manager, 8, 4);
      ChannelPlan plan = half(network.graph(), ChannelRules.standard().keepOutputs("conv1"));
      assertThat(plan.groups().get(0).note()).startsWith("stays: 'conv1' keeps its outputs");
      Path file = folder.resolve("plan.json");
      plan.save(file);
      assertThat(ChannelPlan.load(file)).isEqualTo(plan);
      assertThat(ChannelPlan.load(file).apply(network, manager).array("conv1.weight").getShape())
          .isEqualTo(new Shape(8, 3, 3, 3));
      // a unit that stays by the rules
      Files.writeString(
          file, Files.readString(file).replaceFirst("\"removed\": \\[\\]", "\"removed\": [0]"));
      ChannelPlan changed = ChannelPlan.load(file);
      assertThatThrownBy(() -> changed.apply(network, manager))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("channels that stay: conv1.weight[0: 0]; ");
    }
  }

  @Test
  void file_thatIsNoPlan_isRefused(@TempDir Path folder) throws IOException {
    try (NDManager manager = NDManager.newBaseManager()) {
      Path file = folder.resolve("plan.json");
      half(Chain.convolutions(manager, 8, 4).graph()).save(file);
      String text = Files.readString(file);
      for (String[] change :
          List.of(
              new String[] {"vpns-channels 1", "vpns-channels 9"},
              new String[] {"\"removed\"", "\"removes\""},
              new String[] {"\"removed\": [\n        0,", "\"removed\": [\n        99,"},
              new String[] {"\"removed\": [\n        0,", "\"removed\": [\n        2,"},
              new String[] {"\"removed\": [\n        0,", "\"removed\": [\n        -1,"},
              new String[] {"\"removed\": [\n        0,", "\"removed\": [\n        null,"},
              new String[] {"\"channels\": 8", "\"channels\": 1e99"},
              new String[] {"\"channels\": 8", "\"channels\": {}"},
              new String[] {"\"channels\": 8", "\"channels\": 8.5"},
              new String[] {"\"channels\": 8", "\"channels\": \"8\""},
              new String[] {"\"asked\": \"", "\"asked\": 3, \"old\": \""},
              new String[] {"\"macs\": ", "\"macs\": -"},
              new String[] {"\"inputs\": [", "\"inputs\": [[], "},
              new String[] {"\"keepShape\": []", "\"keepShape\": [null]"},
              new String[] {"{", "["},
              new String[] {"}", ""})) {
        assertThat(text).contains(change[0]);
        Files.writeString(file, text.replace(change[0], change[1]));
        assertThatThrownBy(() -> ChannelPlan.load(file))
            .as(change[1])
            .isInstanceOf(FormatException.class)
            .hasMessageStartingWith("no plan of channels: " + file);
      }
      Files.writeString(file, text + text);
      assertThatThrownBy(() -> ChannelPlan.load(file))
          .hasMessageContaining("found more behind its end;");
      // a later version, without what this one needs
      Files.writeString(file, "{\"format\": \"vpns-channels 2\", \"plan\": {}}");
      assertThatThrownBy(() -> ChannelPlan.load(file))
          .hasMessageContaining("expected vpns-channels 1, found format vpns-channels 2;");
      Files.writeString(file, "");
      assertThatThrownBy(() -> ChannelPlan.load(file)).isInstanceOf(FormatException.class);
      Files.writeString(file, "[".repeat(100_000));
      assertThatThrownBy(() -> ChannelPlan.load(file)).isInstanceOf(FormatException.class);
      Files.delete(file);
      assertThatThrownBy(() -> ChannelPlan.load(file)).isInstanceOf(NoSuchFileException.class);
    }
  }

  @Test
  void words_ofAFileThatActOnATerminal_arePrintedHarmless(@TempDir Path folder) throws IOException {
    try (NDManager manager = NDManager.newBaseManager()) {
      Path file = folder.resolve("plan.json");
      half(Chain.convolutions(manager, 8, 4).graph()).save(file);
      String escape = "\\\\u001b[2J\\\\n";
      Files.writeString(
          file,
          Files.readString(file)
              .replaceFirst("\"asked\": \"", "$0" + escape)
              .replaceFirst("\"obtained\": \"", "$0" + escape)
              .replaceFirst("\"name\": \"", "$0" + escape)
              .replaceFirst("\"note\": \"", "$0" + escape));
      ChannelPlan plan = ChannelPlan.load(file);
      assertThat(plan.asked()).startsWith("\u001b[2J\n");
      assertThat(plan.toString().lines()).hasSize(6);
      assertThat(plan.toString()).doesNotContain("\u001b");
    }
  }

  @Test
  void file_changedAnyhow_isAPlanOrRefused(@TempDir Path folder) throws IOException {
    try (NDManager manager = NDManager.newBaseManager()) {
      Path file = folder.resolve("plan.json");
      NetworkValues network = Chain.convolutions(manager, 4, 2);
      half(network.graph()).save(file);
      byte[] bytes = Files.readAllBytes(file);
      Random random = new Random(8);
      for (int i = 0; i < 400; i++) {
        byte[] changed = bytes.clone();
        for (int k = 0; k <= random.nextInt(3); k++) {
          changed[random.nextInt(changed.length)] =
              (byte) " {}[],:\"-019eE".charAt(random.nextInt(14));
        }
        Files.write(file, changed);
        Throwable failure = catchThrowable(() -> ChannelPlan.load(file));
        if (failure != null) {
          assertThat(failure).as(new String(changed)).isInstanceOf(IOException.class);
        }
      }
    }
  }
}
