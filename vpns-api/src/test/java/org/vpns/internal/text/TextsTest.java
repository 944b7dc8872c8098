package org.vpns.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class TextsTest {
  private static final List<String> HEADER = List.of("<name", "kept", "density %");
  private static final List<List<String>> ROWS =
      List.of(List.of("conv1", "1,810", "0.10"), List.of("f\nc", "7", "12.50"));

  @Test
  void table_setsColumnsLeftOrRight_betweenLines() {
    assertThat(Texts.table(HEADER, ROWS).lines())
        .containsExactly(
            " name  |  kept | density % ",
            "-------+-------+-----------",
            " conv1 | 1,810 |      0.10 ",
            " f c   |     7 |     12.50 ");
  }

  @Test
  void plainTable_isTheSame_withoutLines() {
    assertThat(Texts.plainTable(HEADER, ROWS).lines())
        .containsExactly(
            " name    kept  density % ", //
            " conv1  1,810       0.10 ", " f c        7      12.50 ");
  }

  @Test
  void table_withoutRows_isItsTitles() {
    assertThat(Texts.table(HEADER, List.of()))
        .isEqualTo(" name | kept | density % \n------+------+-----------");
  }

  @Test
  void tables_oneThatIsTooWide_areSeveral_eachBeginsWithTheNames() {
    assertThat(Texts.tables(HEADER, ROWS, 1, 20).lines())
        .containsExactly(
            " name  |  kept ",
            "-------+-------",
            " conv1 | 1,810 ",
            " f c   |     7 ",
            "",
            " name  | density % ",
            "-------+-----------",
            " conv1 |      0.10 ",
            " f c   |     12.50 ");
  }

  @Test
  void tables_oneThatFits_orThatNothingMakesNarrower_staysOne() {
    assertThat(Texts.tables(HEADER, ROWS, 1, 27)).isEqualTo(Texts.table(HEADER, ROWS));
    assertThat(Texts.tables(HEADER, ROWS, 1, 26)).isNotEqualTo(Texts.table(HEADER, ROWS));
    assertThat(Texts.tables(HEADER, ROWS, 3, 1)).isEqualTo(Texts.table(HEADER, ROWS));
    assertThat(Texts.tables(HEADER, ROWS, 2, 1)).isEqualTo(Texts.table(HEADER, ROWS));
  }
}
