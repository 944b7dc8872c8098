package org.vpns.structured.score;

import org.vpns.structured.ChannelScores;

/**
 * Says what each unit of channels is worth, looking at weights and perhaps at images. Those of the
 * library are made by {@link Importances}; one that scores slice by slice is a {@link
 * MemberImportance}.
 */
public interface ChannelImportance {
  /** Scores of all units that can leave; changes neither weights nor statistics. */
  ChannelScores score(ChannelContext context);

  /** Name and options, such as {@code L2 magnitude; reduction mean, normaliser mean}. */
  String describe();
}
