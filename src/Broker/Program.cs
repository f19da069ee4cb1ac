using Broker;
using Broker.Configuration;

return await BrokerCommand.RunAsync(args, BootEnvironment.OfProcess());
