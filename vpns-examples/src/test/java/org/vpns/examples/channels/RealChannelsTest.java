package org.vpns.examples.channels;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.examples.Said;
import org.vpns.graph.LayerTable;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.model.MobileNets;
import org.vpns.testing.SharedData;

class RealChannelsTest {
  @TempDir Path out;

  @Test
  void options_thatAreWrong_areTold_beforeAnythingIsWritten() {
    String[] common = {"--data=" + out, "--out=" + out.resolve("study")};
    Said importance = Said.of(new RealChannels(), common[0], common[1], "--importances=l3");
    assertThat(importance.code()).isEqualTo(2);
    assertThat(importance.err()).contains("unknown name: --importances", "found 'l3'");
    Said ranking = Said.of(new RealChannels(), common[0], common[1], "--rankings=apart");
    assertThat(ranking.code()).isEqualTo(2);
    assertThat(ranking.err())
        .contains("unknown name: --rankings; expected [alike, together], found 'apart'");
    assertThat(out).isEmptyDirectory();
  }

  @Tag("slow")
  @Test
  void trainedNetwork_losesHalfOfItsMultiplyAdds_andTheOutcomeIsKept() throws Exception {
    String[] options = {
      "--data=" + SharedData.require("data/cifar10"),
      "--out=" + out.resolve("study"),
      "--networks=resnet20",
      "--importances=l2",
      "--rankings=alike",
      "--shares=0.5",
      "--seeds=1",
      "--steps=2"
    };
    Said said = Said.of(new RealChannels(), options);
    assertThat(said.code()).as(said.text()).isZero();
    Path table = out.resolve("study/real-channels.md");
    String first = Files.readString(table);
    assertThat(first).startsWith("## resnet20\n").contains("| 0.5 | l2, alike | 1 |");
    assertThat(Said.of(new RealChannels(), options).code()).isZero();
    assertThat(Files.readString(table)).isEqualTo(first); // with its times
  }

  @Test
  void mobileNet_withoutItsWeights_isTold_beforeAnythingIsWritten() throws Exception {
    Path data = SharedData.require("data/flowers5");
    Said said =
        Said.of(
            new RealChannels(),
            "--data=" + data,
            "--out=" + out.resolve("study"),
            "--networks=mobilenet");
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err())
        .contains("file of weights missing: --task mobilenet")
        .contains("no " + data.resolve("mobilenet_v1_075_224.safetensors"));
    assertThat(out).isEmptyDirectory();
  }

  /** Of the head 5 rows of 1,000 are left, 768 multiply-adds each. */
  @Tag("slow")
  @Test
  void mobileNet_losesAQuarterOfItsMultiplyAdds_withTheOutputsThatStandForClasses()
      throws Exception {
    Said said =
        Said.of(
            new RealChannels(),
            "--data=" + SharedData.require("data/flowers5"),
            "--weights=" + SharedData.require("data/imagenet/mobilenet_v1_075_224.safetensors"),
            "--out=" + out.resolve("study"),
            "--networks=mobilenet",
            "--importances=l2",
            "--rankings=alike",
            "--shares=0.25",
            "--seeds=1",
            "--steps=2");
    assertThat(said.code()).as(said.text()).isZero();
    String table = Files.readString(out.resolve("study/real-channels.md"));
    assertThat(table).startsWith("## mobilenet\n").contains("| 0.25 | l2, alike | 1 |");
    long whole;
    try (Model network = MobileNets.v1(0.75).withInput(3, 96, 96).newModel("whole", 1)) {
      whole = LayerTable.of(BlockTracer.trace(network.getBlock(), new Shape(3, 96, 96))).macs();
    }
    try (Stream<Path> files = Files.walk(out.resolve("study"))) {
      Path outcome =
          files.filter(f -> f.endsWith("l2-alike-0.25-1.json")).findFirst().orElseThrow();
      assertThat(Files.readString(outcome)).contains("\"denseMacs\": " + (whole - 995 * 768));
    }
  }
}
