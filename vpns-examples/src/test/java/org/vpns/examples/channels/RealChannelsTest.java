package org.vpns.examples.channels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.testing.SharedData;
import picocli.CommandLine;

class RealChannelsTest {
  @TempDir Path out;
  private final StringWriter said = new StringWriter();

  private int run(Path data, String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--data=" + data);
    all.add("--out=" + out.resolve("study"));
    CommandLine line = RealChannels.commandLine();
    line.setOut(new PrintWriter(said)).setErr(new PrintWriter(said));
    return line.execute(all.toArray(String[]::new));
  }

  @Test
  void options_thatAreWrong_areTold_beforeAnythingIsWritten() {
    assertThat(run(out, "--networks=resnet21")).isEqualTo(2);
    assertThat(run(out, "--importances=l3")).isEqualTo(2);
    assertThat(run(out, "--rankings=apart")).isEqualTo(2);
    assertThat(run(out, "--steps=0")).isEqualTo(2);
    assertThat(run(out)).isEqualTo(2);
    assertThat(said.toString())
        .contains("unknown name: --networks; expected [resnet20, resnet56], found 'resnet21'")
        .contains("'l3'")
        .contains("'apart'")
        .contains("nothing to tune: --steps")
        .contains(out.toString());
    assertThat(out).isEmptyDirectory();
  }

  @Tag("slow")
  @Test
  void trainedNetwork_losesHalfOfItsMultiplyAdds_andTheOutcomeIsKept() throws Exception {
    Path data = SharedData.require("data/cifar10");
    String[] options = {
      "--networks=resnet20",
      "--importances=l2",
      "--rankings=alike",
      "--shares=0.5",
      "--seeds=1",
      "--steps=2"
    };
    assertThat(run(data, options)).as(said.toString()).isZero();
    Path table = out.resolve("study/real-channels.md");
    String first = Files.readString(table);
    assertThat(first).startsWith("## resnet20\n").contains("| 0.5 | l2, alike | 1 |");
    assertThat(run(data, options)).isZero();
    assertThat(Files.readString(table)).isEqualTo(first); // with its times
  }
}
