using Broker;
using Broker.Foundation.Settings;

return await BrokerCommand.RunAsync(args, BootEnvironment.OfProcess());
