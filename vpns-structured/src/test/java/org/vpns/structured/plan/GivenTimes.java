package org.vpns.structured.plan;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.vpns.graph.LayerTable;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.model.ResNets;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;

/** A network whose times tests give, and its groups, of which each unit is worth its number. */
abstract class GivenTimes {
  private Model model;
  NDManager manager;
  NetworkValues network;
  ChannelGroups groups;
  ChannelScores scores;

  @BeforeEach
  void open() {
    model = ResNets.small().newModel("times", 1);
    manager = NDManager.newBaseManager();
    network = BlockTracer.network(model.getBlock(), ResNets.small().inputShape().slice(1));
    groups = ChannelGroups.of(network.graph());
    scores = ChannelScores.of(groups, unit -> 1 + unit.number());
  }

  @AfterEach
  void close() {
    model.close();
    manager.close();
  }

  static double macs(ModelGraph graph) {
    return LayerTable.of(graph).macs();
  }
}
