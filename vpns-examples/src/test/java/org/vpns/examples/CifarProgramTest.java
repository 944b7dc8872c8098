package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What mains on trained CIFAR networks have in common. */
class CifarProgramTest {
  @TempDir Path folder;

  private String complaint(Class<? extends Program> main, String... options) throws Exception {
    String[] all = new String[options.length + 1];
    System.arraycopy(options, 0, all, 1, options.length);
    all[0] = "--out=" + folder.resolve("study");
    Said said = Said.of(main.getConstructor().newInstance(), all);
    assertThat(said.code()).isEqualTo(2);
    return said.err();
  }

  @ParameterizedTest
  @CsvSource({
    "org.vpns.examples.channels.RealChannels, 'resnet20, resnet56, mobilenet', --shares",
    "org.vpns.examples.speed.SpeedForAccuracy, 'resnet20, resnet56', --channels"
  })
  void options_thatAreWrong_areTold_beforeAnythingIsWritten(
      Class<? extends Program> main, String networks, String list) throws Exception {
    String data = "--data=" + folder;
    assertThat(complaint(main, data, "--networks=resnet21"))
        .contains(
            "unknown name: --networks; expected ["
                + networks
                + "], found 'resnet21'; check the spelling.");
    assertThat(complaint(main, data, "--networks=resnet20,resnet20"))
        .contains("listed twice: --networks; expected each once, found 'resnet20'; leave one out.");
    assertThat(complaint(main, data, list + "=,")).contains("nothing listed: " + list + "; ");
    assertThat(complaint(main, data, list + "=0.5,0.50"))
        .contains("listed twice: " + list + "; expected each once, found '0.5'; ");
    assertThat(complaint(main, data, "--steps=0"))
        .contains("nothing to train: --steps; expected at least 1, found 0;");
    assertThat(complaint(main)).contains("'--data=FOLDER'");
    assertThat(complaint(main, data)).contains("no file of records: " + folder);
    assertThat(folder).isEmptyDirectory();
  }
}
