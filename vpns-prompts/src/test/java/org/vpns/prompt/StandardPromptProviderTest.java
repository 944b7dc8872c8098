package org.vpns.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.vpns.spi.PromptProvider;

class StandardPromptProviderTest {
  private final PromptProvider provider =
      ServiceLoader.load(PromptProvider.class).findFirst().orElseThrow();

  @Test
  void create_ofEveryKindAndOption_makesAnEqualPrompt() {
    for (PromptSpec spec :
        List.of(
            Prompts.pad(16),
            Prompts.pad(16).sigmoid(),
            Prompts.fix(115),
            Prompts.fix(115).sigmoid(),
            Prompts.random(7),
            Prompts.random(7).patch(),
            Prompts.random(7).perImage(),
            Prompts.random(7).excludeLast(),
            Prompts.random(7).patch().perImage().excludeLast().sigmoid(),
            Prompts.expansive(),
            Prompts.none())) {
      assertThat(provider.provides(spec.kind())).isTrue();
      assertThat(provider.create(spec.kind(), spec.options()).describe())
          .isEqualTo(spec.describe());
    }
  }

  @Test
  void create_withDefaultsLeftOut_usesThem() {
    assertThat(provider.create("random", Map.of("side", "7")).describe()).isEqualTo("random(7)");
  }

  @Test
  void create_ofUnknownKind_namesTheKnown() {
    assertThat(provider.provides("frame")).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> provider.create("frame", Map.of()))
        .withMessageContaining("expansive, fix, none, pad, random")
        .withMessageContaining("'frame'");
  }

  @Test
  void create_withBadOptions_namesKindAndOption() {
    assertRefused("pad", Map.of(), "prompt pad, pixels", "found none");
    assertRefused("pad", Map.of("pixels", "many"), "prompt pad, pixels", "'many'");
    assertRefused("pad", Map.of("pixels", "-1"), "Prompts.pad", "-1");
    assertRefused("pad", Map.of("pixels", "1", "side", "2"), "unknown option", "{side=2}");
    assertRefused("pad", Map.of("pixels", "1", "form", "grey"), "additive or sigmoid", "'grey'");
    assertRefused("random", Map.of("side", "3", "last", "no"), "included or excluded", "'no'");
  }

  private void assertRefused(String kind, Map<String, String> options, String where, String found) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> provider.create(kind, options))
        .withMessageContaining(where)
        .withMessageContaining(found);
  }
}
