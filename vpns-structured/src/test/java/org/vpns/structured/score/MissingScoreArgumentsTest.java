package org.vpns.structured.score;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vpns.testing.MissingArguments;

/** Arguments that are null are named before anything is done. */
class MissingScoreArgumentsTest {
  @TestFactory
  Stream<DynamicTest> argument_thatIsMissing_isNamed() {
    return MissingArguments.of(
        ChannelContext.class, ChannelMember.class, Normaliser.class, MemberImportance.class);
  }
}
