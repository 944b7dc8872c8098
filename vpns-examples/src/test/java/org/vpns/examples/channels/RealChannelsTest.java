package org.vpns.examples.channels;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.examples.Said;
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
}
