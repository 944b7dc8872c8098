package org.vpns.structured.score;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.vpns.testing.MissingArguments;

/** Arguments that are null are named before anything is done. */
class MissingScoreArgumentsTest {
  @TestFactory
  Stream<DynamicTest> argument_thatIsMissing_isNamed() {
    return MissingArguments.of(ChannelContext.class, ChannelMember.class, Normaliser.class);
  }

  @SuppressWarnings("NullAway") // as a caller without checks does
  @Test
  void argument_ofAnImportance_isNamed() {
    assertThatThrownBy(() -> Importances.l2().score(null))
        .hasMessageStartingWith("argument missing: MemberImportance.score, context;");
    assertThatThrownBy(() -> Importances.random().score(null))
        .hasMessageStartingWith("argument missing: ChannelImportance.score, context;");
    assertThatThrownBy(() -> Importances.l2().reduction(null))
        .hasMessageStartingWith("argument missing: MemberImportance.reduction, reduction;");
    assertThatThrownBy(() -> Importances.l2().normaliser(null))
        .hasMessageStartingWith("argument missing: MemberImportance.normaliser, normaliser;");
  }
}
