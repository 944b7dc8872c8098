package org.vpns.internal.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.Problem;

final class ClassNamesTest {
  @Test
  void require_namesThatCanBeToldApart_givesThemBack() {
    List<String> names = List.of("0", "a b", " c", "猫");
    assertThat(ClassNames.require(names, "here", "names")).isEqualTo(names);
    assertThat(ClassNames.require(List.of(), "here", "names")).isEmpty();
  }

  @Test
  void require_namesThatCannotBeSeenOrToldApart_isRefused() {
    for (String blank : new String[] {"", " ", "\t"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ClassNames.require(List.of("cat", blank), "here", "names"))
          .withMessageStartingWith(
              "class name is blank: here, names; expected distinct names that can be seen, found '")
          .withMessageEndingWith("' for class 1; rename one of the classes.");
    }
    for (String acting : new String[] {"a\u001b[31mb", "a\nb", "a\u202eb"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ClassNames.require(List.of("cat", acting), "here", "names"))
          .withMessageStartingWith("class name with a control character: here, names; ")
          .withMessageEndingWith(
              "found '" + Problem.visible(acting) + "' for class 1; rename one of the classes.");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClassNames.require(List.of("a", "b", "a"), "here", "names"))
        .withMessageStartingWith("class name twice: here, names; ")
        .withMessageContaining("found 'a' for classes 0 and 2; ");
  }

  /** What no file holds could be saved and not be loaded. */
  @Test
  void require_namesThatFilesDoNotHold_isRefused() {
    for (String half : new String[] {"\ud800", "a\udc00b", "\udc00\ud800"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ClassNames.require(List.of("cat", half), "here", "names"))
          .withMessageStartingWith("class name with half a character: here, names; ")
          .withMessageContaining("found '" + Problem.visible(half) + "' for class 1; ");
    }
    String long1 = "x".repeat(1 << 16);
    assertThat(ClassNames.require(List.of(long1, "\ud83d\ude00"), "here", "names")).hasSize(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClassNames.require(List.of(long1 + "x"), "here", "names"))
        .withMessageStartingWith("class name too long: here, names; ")
        .withMessageContaining("found 65537 characters for class 0; ");
  }

  /** One letter with an accent, and a letter with an accent of its own. */
  @Test
  void require_namesThatLookTheSame_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClassNames.require(List.of("\u00e9", "b", "e\u0301"), "here", "names"))
        .withMessageStartingWith("class name twice: here, names; ")
        .withMessageContaining("for classes 0 and 2; ");
    assertThat(ClassNames.require(List.of("e", "e\u0301"), "here", "names")).hasSize(2);
  }
}
