package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Which seeds a command line asks for; wrong ones are in the tests of mains. */
class SeedsOptionTest {
  /** A main without anything else. */
  @Command
  static final class Main {
    @CommandLine.Mixin private SeedsOption seeds = new SeedsOption(3);
  }

  private static SeedsOption of(String... arguments) {
    Main main = new Main();
    new CommandLine(main).parseArgs(arguments);
    return main.seeds;
  }

  @Test
  void numbers_areAsManySeeds_andRangesTheseOfThem() {
    assertThat(of().from(1)).containsExactly(1L, 2L, 3L);
    assertThat(of("--seeds", "2").from(1)).containsExactly(1L, 2L);
    assertThat(of("--seeds", "4-6").from(1)).containsExactly(4L, 5L, 6L);
    assertThat(of("--seeds", "7-7").from(1)).containsExactly(7L);
    assertThat(of("--seeds", "1-100").from(1)).isEqualTo(of("--seeds", "100").from(1)).hasSize(100);
  }

  @Test
  void seeds_fromALaterOneOn_areCountedFromThere() {
    assertThat(of("--seeds", "2").from(2)).containsExactly(2L, 3L);
    assertThat(of("--seeds", "2-3").from(2)).containsExactly(3L, 4L);
  }
}
